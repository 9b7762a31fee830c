import { z } from 'zod';
import { errorSchema, eventSchemas } from './contract.ts';

/** What a route says of itself, for the document and for whoever checks its requests. */
export interface RouteSchema {
  readonly summary?: string;
  readonly params?: unknown;
  readonly querystring?: unknown;
  readonly body?: unknown;
  readonly response?: unknown;
  /** What it answers with where that is no JSON, such as `audio/wav`. */
  readonly produces?: readonly string[];
}

export interface DescribedRoute {
  readonly method: string;
  /** As the router knows it: `/api/calls/:id`. */
  readonly url: string;
  readonly schema: RouteSchema;
}

type Json = Readonly<Record<string, unknown>>;

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const made = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema }) => {
      // An array that TypeScript is not to change; in OpenAPI it would mean something else.
      delete jsonSchema.readOnly;
    },
  });
  return Object.fromEntries(Object.entries(made).filter(([name]) => name !== '$schema'));
};
const isZod = (value: unknown): value is z.ZodType => value instanceof z.ZodType;

/** The whole interface as an OpenAPI 3.1 document, from the schemas that check it. */
export function openApi(routes: readonly DescribedRoute[], version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const { method, url, schema } of routes) {
    const path = url.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[method.toLowerCase()] = operation(schema);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Parley console', version },
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'parley-session' },
      },
      schemas: { Error: schemaOf(errorSchema, 'output') },
    },
  };
}

function operation({ summary = '', params, querystring, body, response, produces = [] }: RouteSchema): Json {
  const failed = {
    description: 'What went wrong and what to do about it.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
  };
  const answer = (response as Readonly<Record<number, unknown>> | undefined)?.[200];
  const content = isZod(answer)
    ? { 'application/json': { schema: schemaOf(answer, 'output') } }
    : Object.fromEntries(produces.map((type) => [type, type === 'text/event-stream' ? eventsAs() : {}]));
  return {
    summary,
    parameters: [...parameters('path', params), ...parameters('query', querystring)],
    ...(isZod(body) && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: { 200: { description: summary, content }, default: failed },
  };
}

function parameters(place: 'path' | 'query', schema: unknown): Json[] {
  if (!isZod(schema)) return [];
  const { properties = {}, required = [] } = schemaOf(schema, 'input') as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: one,
  }));
}

/** The data of each event, by its name. */
function eventsAs(): Json {
  const events = Object.entries(eventSchemas).map(([name, schema]) => [name, schemaOf(schema, 'output')]);
  return { schema: { type: 'string' }, 'x-events': Object.fromEntries(events) as Json };
}
