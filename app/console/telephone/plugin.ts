import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { hasCode } from '../../errors.ts';
import type { Log } from '../../ops/log.ts';
import { visitSchema } from '../contract.ts';
import type { ConsolePlugin } from '../spec.ts';
import { commonJsAsModule } from './bundle.ts';
import { bridgeSip, longestMessageBytes, sipProtocol } from './socket.ts';
import type { Visits } from './visits.ts';

export interface TelephoneOptions {
  readonly visits: Visits;
  /** Of Asterisk's HTTP server, such as `http://127.0.0.1:8088`: ARI is there, too, and stays there. */
  readonly asteriskUrl: string;
  readonly connectDeadlineMs: number;
  readonly log: Log;
}

const path = '/api/telephone/ws';

/** The telephone in the page: an account for a visit, its way to Asterisk, and the library that speaks SIP. */
export function telephonePlugin(options: TelephoneOptions): ConsolePlugin {
  const { visits, connectDeadlineMs, log } = options;
  const url = new URL('/ws', options.asteriskUrl.replace(/^http/, 'ws')).href;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: longestMessageBytes,
    perMessageDeflate: false,
    handleProtocols: (offered) => (offered.has(sipProtocol) ? sipProtocol : false),
  });
  let library: Promise<string> | undefined;

  return (app, { guard }) => {
    app.post(
      '/api/telephone',
      {
        schema: {
          summary: 'An account for a telephone in a page, for one visit.',
          response: { 200: visitSchema },
        },
      },
      ({ host }) => visits.begin(host.replace(/:\d+$/, '')),
    );
    app.get('/vendor/jssip.js', { config: { open: true } }, async (_request, reply) => {
      library ??= commonJsAsModule('jssip', ['C', 'UA', 'WebSocketInterface']);
      return reply
        .type('text/javascript; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(await library);
    });

    const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://console');
      if (pathname !== path) {
        refuse(socket, 404);
        return;
      }
      try {
        guard.checkUpgrade(request);
      } catch (error) {
        refuse(socket, hasCode(error, 'console-token-needed', 'console-token-wrong') ? 401 : 403);
        return;
      }
      const presence = visits.come(searchParams.get('ticket') ?? '');
      if (presence === undefined) {
        refuse(socket, 403);
        return;
      }
      server.handleUpgrade(request, socket, head, (page) => {
        const { signal } = presence;
        void bridgeSip(page, { url, connectDeadlineMs, signal, log }).then(({ left }) => {
          presence.leave(left);
        });
      });
    };
    app.server.on('upgrade', upgrade);
    app.addHook('preClose', async () => {
      await visits.close();
      server.close();
    });
  };
}

function refuse(socket: Duplex, status: number): void {
  socket.on('error', () => undefined);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
  );
}
