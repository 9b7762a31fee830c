/** As much of the WebAssembly JavaScript interface as is used here; TypeScript describes it only together with the browser. */
declare namespace WebAssembly {
  class Module {
    private readonly brand: unknown;
  }
  class Memory {
    readonly buffer: ArrayBuffer;
  }
  class Instance {
    constructor(module: Module, imports: Record<string, Record<string, (...args: never[]) => number>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  function compile(bytes: Uint8Array): Promise<Module>;
}
