import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { type ErrorCode, ParleyError } from '../errors.ts';
import type { Log } from '../ops/log.ts';
import type { ErrorBody } from './contract.ts';

const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  'console-token-needed': 401,
  'console-token-wrong': 401,
  'console-csrf': 403,
  'console-host-refused': 403,
  'console-origin-refused': 403,
  'console-not-found': 404,
  'console-request-invalid': 400,
  'console-too-many-tries': 429,
  'console-crowded': 503,
  'store-query-invalid': 400,
  'store-unavailable': 503,
};

/** A request that does not fit its schema: each field with what is wrong with it. */
export class InvalidRequest extends ParleyError {
  readonly fields: readonly { readonly name: string; readonly problem: string }[];

  constructor(error: z.ZodError, part: string) {
    const fields = error.issues.map(({ path, code, message, ...issue }) => {
      const names = code === 'unrecognized_keys' && 'keys' in issue ? issue.keys : [];
      return { name: [...path, ...names].join('.') || part, problem: message };
    });
    const problems = fields.map(({ name, problem }) => `${name}: ${problem}`).join('; ');
    super('console-request-invalid', { problems });
    this.fields = fields;
  }
}

/** @returns the answer to a request that failed, and its status. Nothing that is not from the table of errors is told. */
function answerTo(error: unknown): { readonly status: number; readonly body: ErrorBody } {
  const known = error instanceof ParleyError ? error : asKnown(error);
  const status = (error === known ? statuses[known.code] : errorStatus(error)) ?? 500;
  const { code, message } = known;
  const fields = known instanceof InvalidRequest ? { fields: known.fields } : {};
  return { status, body: { error: { code, message, remedy: known.remedy, ...fields } } };
}

/** What the HTTP server itself refuses: a body that is too long or no JSON. */
function asKnown(error: unknown): ParleyError {
  const status = errorStatus(error);
  return status !== undefined && status < 500 && error instanceof Error
    ? new ParleyError('console-request-invalid', { problems: error.message }, { cause: error })
    : new ParleyError('console-failed', {}, { cause: error });
}

function errorStatus(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined;
}

/** Fastify's place for all errors. */
export function errorHandler(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { status, body } = answerTo(error);
    if (status >= 500) log.warn('the console could not answer', { route: request.routeOptions.url, error });
    if (error instanceof ParleyError && error.code === 'console-too-many-tries')
      void reply.header('retry-after', error.details['waitSeconds']);
    if (status === 401) void reply.header('www-authenticate', 'Bearer');
    void reply.status(status).send(body);
  };
}
