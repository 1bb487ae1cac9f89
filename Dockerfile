# The image of a box: an interpreter and the package `agents`, nothing else. No step needs a network.
# `backrooms` builds it by itself; by hand: docker build --network none -t backrooms-agent .
ARG BASE=python:3.12-slim
FROM ${BASE}

COPY agents /opt/backrooms/agents
COPY agents/bin /opt/backrooms/bin

# A tmpfs covers the work folder; where its engine cannot give it an owner, the folder's mode lets the agent in.
# Compiled now, because the box is read-only. No program may lend its owner's or group's rights.
RUN python3 -I -S -m compileall -q --invalidation-mode unchecked-hash /opt/backrooms/agents \
 && rm -rf /opt/backrooms/agents/bin \
 && chmod 0755 /opt/backrooms/bin/* \
 && find / -xdev -type f -perm /6000 -exec chmod a-s {} + \
 && mkdir -p /run/backrooms \
 && install --directory --owner 65532 --group 65532 --mode 1777 /home/agent

ENV PATH=/opt/backrooms/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/home/agent \
    LANG=C.UTF-8

WORKDIR /home/agent
USER 65532:65532
CMD ["python3", "-I", "-S", "/opt/backrooms/agents"]
