# The image of a box: its base without what no agent needs, and the package `agents`. Nothing of the house is in it.
# `backrooms` builds it by itself, or when told to: backrooms image build
# By hand: docker build --network none --tag backrooms-agent .
ARG BASE=python:3.12-slim

# Debian packages for scenarios that ask for tools. A base that has them needs no network, nor does an empty list.
FROM ${BASE} AS worn
LABEL backrooms.role=part
ARG TOOLS=
RUN set -eu; \
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Its Python is older than 3.11.")'; \
    if [ -z "$TOOLS" ]; then \
      for place in $(python3 -c 'import sysconfig; print(*map(sysconfig.get_path, ("stdlib", "purelib")))'); do \
        (cd "$place" && rm -rf ensurepip idlelib lib2to3 pip pip-* setuptools* test tkinter turtledemo wheel*); \
      done; \
      rm -rf /usr/share/perl /usr/lib/*/perl /usr/lib/*/libperl.so.*; \
    elif ! dpkg-query --show $TOOLS >/dev/null 2>&1; then \
      apt-get -qq update; \
      DEBIAN_FRONTEND=noninteractive apt-get -qq install --yes --no-install-recommends $TOOLS; \
    fi; \
    rm -rf /etc/apt /root/.[!.]* /tmp/* /usr/bin/nsenter /usr/share/info /usr/share/locale /usr/share/man \
      /var/cache/* /var/lib/apt /var/log/*; \
    find /usr/share/doc -type f ! -name copyright -delete; \
    find / -xdev -type f -perm /6000 -exec chmod a-s {} +; \
    python3 -m compileall -q "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')"

# Compiled now, because a box is read-only. Under gVisor of 2022 Debian's ls and stat fail: where the base has
# busybox, boxes there find its first.
FROM worn AS guest
LABEL backrooms.role=part
COPY agents /opt/backrooms/agents
RUN set -eu; \
    cd /opt/backrooms; \
    mv agents/bin bin; \
    chmod 0755 bin/*; \
    python3 -I -S -m compileall -q --invalidation-mode unchecked-hash agents; \
    mkdir busybox; \
    if program=$(command -v busybox); then ln -s "$program" busybox/ls; ln -s "$program" busybox/stat; fi

FROM scratch
COPY --from=worn / /
# A tmpfs covers the work folder; where its engine cannot give it an owner, the folder's mode lets the agent in.
RUN mkdir -p /run/backrooms && install --directory --owner 65532 --group 65532 --mode 1777 /home/agent
COPY --from=guest /opt/backrooms /opt/backrooms
ENV PATH=/opt/backrooms/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/home/agent \
    LANG=C.UTF-8
WORKDIR /home/agent
USER 65532:65532
CMD ["python3", "-I", "-S", "/opt/backrooms/agents"]
