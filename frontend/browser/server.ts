/** Serves the built pages, a fake API and an event stream that does what a test says. Nothing leaves this machine. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { Conversation, Message, Role } from '../src/api/types';
import { FakeApi } from './fake-api';
import { TENANT } from './fixture-data';

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

export interface Options {
  role?: Role;
  isSuperadmin?: boolean;
  conversations?: number;
  messages?: number;
}

export class FixtureServer {
  readonly api: FakeApi;
  readonly requests: string[] = [];
  readonly streams = new Set<ServerResponse>();
  /** Answers nothing at all, like a service that is away. */
  isDown = false;
  #server: Server;
  #seq = 0;

  private constructor(options: Options) {
    this.api = new FakeApi(options, (type, data) => this.emit(type, data));
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(options: Options = {}): Promise<FixtureServer> {
    const server = new FixtureServer(options);
    await new Promise<void>((listening) => server.#server.listen(0, '127.0.0.1', listening));
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Tells every open stream. */
  emit(type: string, data: object, tenant: string | null = TENANT): void {
    this.#seq += 1;
    const envelope = { id: `cursor-${this.#seq}`, type, tenant_id: tenant, at: new Date().toISOString(), data };
    for (const stream of this.streams) stream.write(`id: ${envelope.id}\ndata: ${JSON.stringify(envelope)}\n\n`);
  }

  /** Cuts every stream, as a proxy does. */
  drop(): void {
    for (const stream of this.streams) stream.destroy();
    this.streams.clear();
  }

  /** A message of the contact, with the events that the real brain sends for it. */
  arrive(conversation: Conversation, message: Message): void {
    this.api.add(conversation, message);
    this.emit('message.created', { conversation_id: conversation.id, message_id: message.id });
    this.emit('conversation.updated', { conversation_id: conversation.id });
  }

  async stop(): Promise<void> {
    this.drop();
    this.#server.closeAllConnections();
    await new Promise((closed) => this.#server.close(closed));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    if (!url.pathname.startsWith('/api/')) return this.#serve(url.pathname, response);
    this.requests.push(`${request.method} ${url.pathname}${url.search}`);
    if (this.isDown) return void request.socket.destroy();
    if (url.pathname === '/api/v1/events') return this.#stream(request, response);
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = this.api.answer(
      request.method ?? 'GET',
      url,
      body === '' ? undefined : JSON.parse(body),
      request.headers,
    );
    if (answer.delay) await new Promise((later) => setTimeout(later, answer.delay));
    response.writeHead(answer.status, {
      'content-type': answer.status >= 400 ? 'application/problem+json' : 'application/json',
      'x-correlation-id': 'req-1',
      ...answer.headers,
    });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    if (!this.api.isSignedIn) {
      response.writeHead(401, { 'content-type': 'application/problem+json' }).end('{}');
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.streams.add(response);
    request.on('close', () => this.streams.delete(response));
    const envelope = {
      id: `cursor-${this.#seq}`,
      type: 'heartbeat',
      tenant_id: null,
      at: new Date().toISOString(),
      data: {},
    };
    response.write(`id: ${envelope.id}\ndata: ${JSON.stringify(envelope)}\n\n`);
  }

  #serve(path: string, response: ServerResponse): void {
    const wanted = join(dist, normalize(path));
    const isFile = existsSync(wanted) && statSync(wanted).isFile();
    if (!isFile && path.startsWith('/assets/')) {
      response.writeHead(404).end();
      return;
    }
    const file = isFile ? wanted : join(dist, 'index.html');
    const cache = path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';
    response.writeHead(200, {
      'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': CSP,
      'cache-control': cache,
    });
    createReadStream(file).pipe(response);
  }
}
