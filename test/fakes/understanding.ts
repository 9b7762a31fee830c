import { startFakeServer, type FakeServer, type Reply } from './http.ts';

/** What a fake service of understanding makes of a text. */
export interface FakePrediction {
  readonly intent: string;
  readonly confidence: number;
  readonly entities?: readonly FakeEntity[];
}

export interface FakeEntity {
  readonly name: string;
  /** As it stands in the text. */
  readonly text: string;
  /** LUIS: the type in `$instance`, and the value. */
  readonly type?: string;
  readonly value?: unknown;
  /** CLU: what it adds to the entity. */
  readonly more?: object;
}

export const fakeKey = 'a-key-of-the-fake';
export const fakeAppId = '7e3c1a52-5d0c-4d0b-9a4e-3b1f6c2d8e90';

type Predict = (text: string) => FakePrediction;

const json = { 'content-type': 'application/json; charset=utf-8' };

/**
 * LUIS's v3.0 prediction interface on loopback, as
 * https://learn.microsoft.com/azure/ai-services/luis/luis-concept-data-conversion and its reference describe it.
 */
export function startLuis(predict: Predict): Promise<FakeServer> {
  return startFakeServer({
    wrongSchema: { status: 200, headers: json, body: '{"query":"x","prediction":{"topIntent":7}}' },
    answer: ({ method, path, headers, query, body }) => {
      const app = /^\/luis\/prediction\/v3\.0\/apps\/([\w-]+)\/slots\/(production|staging)\/predict$/.exec(
        path,
      );
      if (app === null || method !== 'POST') return undefined;
      if (headers['ocp-apim-subscription-key'] !== fakeKey) return refused;
      if (app[1] !== fakeAppId) return error(404, 'NotFound', 'The app was not found.');
      const { query: text } = JSON.parse(body) as { query: string };
      if (text.length > 500) return error(400, 'BadArgument', 'The query is too long.');
      return answer({
        query: text,
        prediction: luisPrediction(text, predict(text), query.get('verbose') === 'true'),
      });
    },
  });
}

/** Conversational language understanding on loopback (api-version 2023-04-01). */
export function startClu(predict: Predict): Promise<FakeServer> {
  return startFakeServer({
    wrongSchema: { status: 200, headers: json, body: '{"kind":"ConversationResult","result":{}}' },
    answer: ({ method, path, headers, query, body }) => {
      if (path !== '/language/:analyze-conversations' || method !== 'POST') return undefined;
      if (query.get('api-version') !== '2023-04-01') return error(404, 'NotFound', 'No such api-version.');
      if (headers['ocp-apim-subscription-key'] !== fakeKey) return refused;
      const asked = JSON.parse(body) as {
        analysisInput: { conversationItem: { text: string } };
        parameters: { projectName: string; deploymentName: string; stringIndexType: string };
      };
      if (asked.parameters.projectName !== 'clinic' || asked.parameters.stringIndexType !== 'Utf16CodeUnit')
        return error(404, 'ProjectNotFound', 'No such project.');
      const { text } = asked.analysisInput.conversationItem;
      const { intent, confidence, entities = [] } = predict(text);
      const prediction = {
        topIntent: intent,
        projectKind: 'Conversation',
        intents: [
          { category: intent, confidenceScore: confidence },
          { category: 'Other', confidenceScore: 1 - confidence },
        ],
        entities: entities.map(({ name, text: said, more }) => ({
          category: name,
          text: said,
          offset: text.indexOf(said),
          length: said.length,
          confidenceScore: 1,
          ...more,
        })),
      };
      return answer({ kind: 'ConversationResult', result: { query: text, prediction } });
    },
  });
}

function luisPrediction(
  text: string,
  { intent, confidence, entities = [] }: FakePrediction,
  verbose: boolean,
) {
  const values: Record<string, unknown[]> = {};
  const instances: Record<string, object[]> = {};
  for (const { name, text: said, type, value } of entities) {
    (values[name] ??= []).push(value ?? said);
    (instances[name] ??= []).push({
      type: type ?? name,
      text: said,
      startIndex: text.indexOf(said),
      length: said.length,
      modelTypeId: 1,
      modelType: 'Entity Extractor',
      recognitionSources: ['model'],
    });
  }
  return {
    topIntent: intent,
    intents: { [intent]: { score: confidence }, Other: { score: 1 - confidence } },
    entities: verbose ? { ...values, $instance: instances } : values,
  };
}

const refused = error(401, '401', 'Access denied due to invalid subscription key or wrong API endpoint.');

function error(status: number, code: string, message: string): Reply {
  return { status, headers: json, body: JSON.stringify({ error: { code, message } }) };
}

function answer(body: object): Reply {
  return { status: 200, headers: json, body: JSON.stringify(body) };
}
