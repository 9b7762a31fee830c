import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyTypeProvider,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { z } from 'zod';
import type { Guard } from './guard.ts';

/** Requests and answers have the types of their zod schemas. */
interface ZodTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends z.ZodType ? z.output<this['schema']> : unknown;
  readonly serializer: this['schema'] extends z.ZodType ? z.input<this['schema']> : unknown;
}

export type ConsoleApp = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression,
  RawReplyDefaultExpression,
  FastifyBaseLogger,
  ZodTypes
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Asks for no session: the page itself, /live, /ready. */
    open?: boolean;
  }
  interface FastifySchema {
    summary?: string;
    produces?: readonly string[];
  }
}

/**
 * A part of the console that stands by itself, such as the telephone: its routes pass the same guard as all others, and
 * appear in the OpenAPI document. What is no route (an upgrade to a WebSocket, on `app.server`) it has to ask the guard
 * about: `guard.checkUpgrade(request)`. It tidies up in `app.addHook('onClose', ...)`.
 */
export type ConsolePlugin = (app: ConsoleApp, context: { readonly guard: Guard }) => void | Promise<void>;
