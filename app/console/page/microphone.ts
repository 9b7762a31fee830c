import { ApiError } from './api.ts';

/** Why a browser lends no microphone, by the name of its error; what to do about it. */
const refusals: Readonly<Record<string, readonly [code: string, says: string, remedy: string]>> = {
  NotAllowedError: [
    'microphone-denied',
    'The browser may not use the microphone on this page.',
    'Allow it by the sign at the left of the address, or in the settings of this computer, and call again.',
  ],
  NotFoundError: [
    'microphone-missing',
    'This computer has no microphone.',
    'Plug one in, or a headset, and call again.',
  ],
  NotReadableError: [
    'microphone-busy',
    'The microphone does not answer.',
    'Close other programs that use it, and call again.',
  ],
};

/** @throws ApiError that says what to do. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!isSecureContext)
    throw refused(
      'microphone-insecure-page',
      'Browsers lend a microphone to secure pages alone, and this one came over plain HTTP.',
      'On the machine of Parley, open it as http://localhost. From elsewhere it needs HTTPS: console.tlsCertificate and console.tlsKey (docs/telephone.md).',
    );
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
    });
  } catch (error) {
    const name = error instanceof Error ? error.name : '';
    const [code, says, remedy] = refusals[name] ?? [
      'microphone-failed',
      `The microphone cannot be used (${name === '' ? String(error) : name}).`,
      'Try another microphone or another browser.',
    ];
    throw refused(code, says, remedy);
  }
}

function refused(code: string, message: string, remedy: string): ApiError {
  return new ApiError({ code, message, remedy, status: 0 });
}
