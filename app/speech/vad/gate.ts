/** Quieter frames hold no voice: G.711 itself cannot carry much less. */
const quietestDbfs = -60;
/** How long a stream is still listened to after its last sound: Silero must hear that speech has ended. */
const holdFrames = 10;

/** Decides, by the level alone, which frames are worth a look: most callers say nothing most of the time. */
export class LevelGate {
  #quietFrames = holdFrames;

  /** @param levelDbfs RMS of the next frame. @returns whether there may be a voice in it. */
  passes(levelDbfs: number): boolean {
    this.#quietFrames = levelDbfs >= quietestDbfs ? 0 : this.#quietFrames + 1;
    return this.#quietFrames < holdFrames;
  }
}
