/** Figures of Rift on any page: see docs/embedding.md. Importing the module defines the element. */

/** A figure: `<rift-lab scenario="split-vote"></rift-lab>`. */
export class RiftLab extends HTMLElement {
  /** Kept when the figure is there. Asking for it loads the figure, near or not. */
  readonly ready: Promise<void>;

  // What has something done loads the figure, and is kept when that is shown. A bad argument is a
  // TypeError that names it.

  play(): Promise<void>;
  pause(): Promise<void>;
  /** To the next event, change of state, or instant at which a task was done; or back. */
  step(by?: "event" | "change" | "task", back?: boolean): Promise<void>;
  /** To an instant, in microseconds since the start of the run. */
  seek(atUs: number): Promise<void>;
  /** Lines of a script, done at the present instant: `crash S1`, `cut S1 S2 | rest`. */
  command(text: string): Promise<void>;
  /** Another run of the same lab: a link, or a script. */
  load(run: string): Promise<void>;

  /** Where the run stands; `null` until the figure is there. */
  state(): State | null;
  /** The address of the guide with this run; `null` until the figure is there. */
  link(): string | null;
}

export interface State {
  lab: string;
  /** As text: it may be larger than a number can hold. */
  seed: string;
  servers: number;
  /** In microseconds since the start of the run. */
  nowUs: number;
  playing: boolean;
  /** Whether a long way is over that a seek or a load set out on. */
  arrived: boolean;
  historyLength: number;
  /** 16 hexadecimal digits: the same run has the same. */
  historyHash: string;
  actions: number;
  branch: number;
  branches: number;
  /** What the figure has to say about itself. */
  notice: string;
  table: Table;
  clients: Table;
}

export interface Table {
  head: string[];
  rows: string[][];
}

/** Something that happened, in words. */
export interface Told {
  record: number;
  atUs: number;
  text: string;
  /** The section of the source that has the rule, such as `§5.2`. */
  section: string | null;
}

/** A promise of the protocol that was broken. */
export interface Violation {
  name: string;
  brokenUs: number;
  finding: string;
}

/** Something the reader was invited to do, and has done. */
export interface Task {
  title: string;
  doneUs: number;
}

/** What is wrong with a figure; it says so itself, too. */
export interface Complaint {
  /** "attribute": it was left out, and all else is there. Any other: the figure is not there. */
  reason:
    | "attribute"
    | "no-wasm"
    | "not-found"
    | "offline"
    | "forbidden"
    | "not-a-program"
    | "no-scenario"
    | "no-lab"
    | "script"
    | "stopped"
    | "other";
  message: string;
}

/** All of them bubble, out of shadow roots, too. */
export interface RiftEventMap {
  "rift:ready": CustomEvent<{ lab: string }>;
  "rift:event": CustomEvent<Told>;
  "rift:violation": CustomEvent<Violation>;
  "rift:task": CustomEvent<Task>;
  "rift:error": CustomEvent<Complaint>;
}

declare global {
  interface HTMLElementTagNameMap {
    "rift-lab": RiftLab;
  }
  interface HTMLElementEventMap extends RiftEventMap {}
}
