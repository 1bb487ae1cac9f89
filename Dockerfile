# The image of a box: an interpreter and the package `agents`, nothing else.
ARG BASE=python:3.12-slim
FROM ${BASE}
