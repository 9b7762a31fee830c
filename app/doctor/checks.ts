import { applicationCheck } from './checks/application.ts';
import { asteriskCheck } from './checks/asterisk.ts';
import { callCheck, mediaSocketCheck } from './checks/call.ts';
import { certificateCheck } from './checks/certificate.ts';
import { clockCheck } from './checks/clock.ts';
import { configurationCheck } from './checks/configuration.ts';
import { speechCheck, understandingCheck } from './checks/engines.ts';
import { foldersCheck } from './checks/folders.ts';
import { mediaServerCheck } from './checks/media-server.ts';
import { codecsCheck, modulesCheck } from './checks/modules.ts';
import { addressesCheck, portsCheck, rtpCheck } from './checks/network.ts';
import { nodeCheck } from './checks/node.ts';
import { feedsCheck, weatherCheck } from './checks/services.ts';
import type { Check } from './spec.ts';

/** All checks, in the order in which they are shown. A new one is a file in checks/ and a line here. */
export const checks: readonly Check[] = [
  nodeCheck(),
  configurationCheck,
  foldersCheck,
  clockCheck,
  asteriskCheck,
  modulesCheck,
  codecsCheck,
  applicationCheck,
  mediaSocketCheck,
  callCheck,
  mediaServerCheck,
  portsCheck,
  rtpCheck,
  addressesCheck,
  certificateCheck,
  speechCheck,
  understandingCheck,
  weatherCheck,
  feedsCheck,
];
