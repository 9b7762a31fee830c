/** The tensors of Silero VAD at 8 kHz. A row of `input` holds the end of the frame before and the frame itself. */
export const contextSamples = 32;
export const frameSamples = 256;
export const rowSamples = contextSamples + frameSamples;
/** `state` is [layers, streams, layerSize]. */
export const stateLayers = 2;
export const layerSize = 128;
