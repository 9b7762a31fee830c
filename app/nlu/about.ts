import type { ProviderAbout } from '../speech/spec.ts';

const here = { network: '', key: '', weights: '' };

/** What docs/providers.md says of each understander in the registry. */
export const understanderAbouts: Readonly<Record<string, ProviderAbout>> = {
  local: { ...here, what: 'trained at start-up from the bot’s sample utterances', licence: 'MIT' },
  luis: {
    ...here,
    what: 'LUIS, or a server with its v3 prediction interface',
    network: 'the service’s endpoint',
    key: 'nlu.luis.endpoint, appId, key',
    licence: 'a service; its SDK: MIT',
  },
  clu: {
    ...here,
    what: 'Conversational language understanding of Azure AI Language',
    network: 'the service’s endpoint',
    key: 'nlu.clu.endpoint, project, key',
    licence: 'a service',
  },
  model: {
    ...here,
    what: 'a language model behind the OpenAI chat interface: calls skills, or answers in words',
    network: 'the server of nlu.model.baseUrl, which may be your own',
    key: 'nlu.model.baseUrl, model; key where it asks for one',
    licence: 'that of the model',
  },
  scripted: { ...here, what: 'understands what it is told to, for tests', licence: 'MIT' },
};
