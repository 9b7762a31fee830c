import { createRequire } from 'node:module';

/** The part of swagger-client, inside ari-client, that signs requests. */
interface SwaggerClient {
  readonly authorizations: {
    apply: (request: { readonly url: string; headers: Record<string, string> }) => boolean;
  };
}

const require = createRequire(import.meta.url);
const swagger = createRequire(require.resolve('ari-client'))('swagger-client') as SwaggerClient;

const byOrigin = new Map<string, string>();

/*
 * swagger-client signs every request of the process with the user and password that were given last. A process with
 * two connections (a telephone made of software beside its observer) would be refused by one of the two, so each
 * request is signed for the Asterisk that it goes to.
 */
swagger.authorizations.apply = (request) => {
  const header = byOrigin.get(new URL(request.url).origin);
  if (header !== undefined) request.headers['Authorization'] = header;
  return header !== undefined;
};

/** What requests to this Asterisk are signed with, as the value of their Authorization header. */
export function signRequestsTo(url: string, user: string, password: string): string {
  const header = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  byOrigin.set(new URL(url).origin, header);
  return header;
}
