export interface LockOptions {
  readonly signal?: AbortSignal;
  readonly onWait?: () => void;
}
export declare function processRuns(pid: number, start: string): boolean;
export declare function takeLock(folder: string, options?: LockOptions): Promise<() => Promise<void>>;
