"""The TypeScript client in Node.js and in Chromium, against the example; `make test-typescript` builds it before."""
