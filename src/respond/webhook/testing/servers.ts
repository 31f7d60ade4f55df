import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as { port: number }).port;
}

/** A receiver on loopback that keeps what it got. */
export async function receiver(
  answer: (response: ServerResponse, request: Received, nth: number) => void = (response) => response.end(),
): Promise<{ port: number; url: string; received: Received[]; stop: () => Promise<void> }> {
  const received: Received[] = [];
  const server = createHttpServer(async (request: IncomingMessage, response) => {
    const body = (await buffer(request)).toString('utf8');
    received.push({ method: request.method!, path: request.url!, headers: request.headers, body });
    answer(response, received.at(-1)!, received.length);
  });
  const port = await listening(server);
  const stop = async () => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(stop);
  return { port, url: `http://127.0.0.1:${port}/hook`, received, stop };
}

/** A server on loopback that speaks, or does not, as the test wants. */
export async function rawServer(
  onConnection: (socket: Socket) => void,
): Promise<{ port: number; connections: number[] }> {
  const sockets = new Set<Socket>();
  const connections: number[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    connections.push(Date.now());
    socket.on('error', () => {});
    onConnection(socket);
  });
  const port = await listening(server);
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port, connections };
}

/**
 * A DNS server on loopback, and a resolver that asks it. `answers` gives the IPv4 addresses for the nth question, so that it
 * can say one thing when it is checked and another when it is used.
 */
export async function dnsServer(
  answers: (name: string, nth: number) => readonly string[],
): Promise<{ resolve: (host: string) => Promise<string[]>; questions: string[] }> {
  const questions: string[] = [];
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const labels: string[] = [];
    let at = 12;
    while (query[at] !== 0) {
      labels.push(query.toString('ascii', at + 1, at + 1 + query[at]!));
      at += query[at]! + 1;
    }
    const name = labels.join('.');
    questions.push(name);
    const found = answers(name, questions.length);
    const question = query.subarray(12, at + 5);
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(0x8180, 2);
    header.writeUInt16BE(found.length, 6);
    header.writeUInt16BE(0, 10);
    const records = found.map((address) =>
      // A pointer to the name of the question, type A, class IN, no time to live, four bytes.
      Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
    );
    socket.send(Buffer.concat([header, question, ...records]), from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  onTestFinished(() => void socket.close());
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return { resolve: (host) => resolver.resolve4(host), questions };
}
