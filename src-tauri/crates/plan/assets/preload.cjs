'use strict';
// Runs before the application (NODE_OPTIONS=--require) and adapts Node's HTTP server to its place behind CloudFront and the
// load balancer, so that nothing has to change in the application itself.

const http = require('node:http');

const LOAD_BALANCER_IDLE_MS = 75_000;
const KEEP_ALIVE_MS = LOAD_BALANCER_IDLE_MS + 5_000;
const LOOPBACK = new Set(['localhost', '127.0.0.1']);
const EVERYWHERE = '0.0.0.0';

const { listen, emit } = http.Server.prototype;

// With ZONKE_LISTEN_ALL=1 a server that would listen on loopback only listens where the load balancer can reach it.
function listenArguments(args) {
  if (process.env.ZONKE_LISTEN_ALL !== '1') return args;
  const [first, second, ...rest] = args;
  if (first !== null && typeof first === 'object' && first.port !== undefined) {
    const host = first.host === undefined || LOOPBACK.has(first.host) ? EVERYWHERE : first.host;
    return [{ ...first, host }, ...args.slice(1)];
  }
  if (typeof second === 'string' && LOOPBACK.has(second)) return [first, EVERYWHERE, ...rest];
  return args;
}

http.Server.prototype.listen = function (...args) {
  // Node closes an idle connection after 5 seconds, the load balancer reuses it for 75: it would answer 502 now and then.
  if (this.keepAliveTimeout < KEEP_ALIVE_MS) this.keepAliveTimeout = KEEP_ALIVE_MS;
  // Must stay above the keep-alive time; zero means no limit.
  if (this.headersTimeout > 0 && this.headersTimeout <= this.keepAliveTimeout) this.headersTimeout = this.keepAliveTimeout + 5_000;
  return listen.apply(this, listenArguments(args));
};

http.Server.prototype.emit = function (event, request, ...rest) {
  if ((event === 'request' || event === 'upgrade') && request?.headers) {
    // The last step to the server is plain HTTP, and X-Forwarded-Proto says so. What the visitor used is in CloudFront's
    // own header; without it secure cookies would not be set and redirects would go in circles.
    const visitor = request.headers['cloudfront-forwarded-proto'];
    if (visitor === 'https' || visitor === 'http') request.headers['x-forwarded-proto'] = visitor;
  }
  return emit.call(this, event, request, ...rest);
};
