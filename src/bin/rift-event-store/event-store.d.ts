/**
 * An event store that runs in the page, in memory or kept in IndexedDB.
 *
 * Positions, versions and times are BigInts, and as arguments a BigInt or its decimal digits;
 * never a number, which could not hold them all. How it behaves is in docs/event-store-js.md.
 */

/** Loads the program; once, before anything else. Without an argument it is fetched from beside
 * this script. */
export default function init(options?: {
  module_or_path: RequestInfo | URL | Response | BufferSource | WebAssembly.Module;
}): Promise<unknown>;

/** 64 bits without a sign: a BigInt or decimal digits. */
export type Whole = bigint | string;

/** A UUID. */
export type Id = string;

/** A JSON value, or bytes. */
export type Data = unknown;

export interface Metadata {
  /** What conversation it belongs to: the same in every event that comes of one request. */
  correlationId?: Id;
  /** The event or the command that caused it. */
  causationId?: Id;
}

export interface NewEvent<Type extends string = string, D = Data> {
  /** A retry must use the same one: `crypto.randomUUID()` once, before the first attempt. */
  id: Id;
  type: Type;
  /** Kept as JSON, or if it is a Uint8Array or an ArrayBuffer, as bytes. */
  data?: D;
  metadata?: Metadata;
}

export interface RecordedEvent<Type extends string = string, D = Data> {
  id: Id;
  type: Type;
  data: D;
  /** The name of its stream. */
  stream: string;
  /** Its number in its stream, from 1. */
  version: bigint;
  /** Its number among all events, from 1. */
  position: bigint;
  /** When it was appended: what the writer said, or the time of the event before if that is
   * later. */
  recordedAt: bigint;
  metadata: Metadata;
}

/** What a writer expects of a stream. A version is a number of events, so `0n` is "no-stream". */
export type ExpectedVersion = Whole | "any" | "no-stream" | "exists";

export interface AppendOptions {
  /** "any" if left out. */
  expectedVersion?: ExpectedVersion;
  /** Any unit, always the same; milliseconds since 1970 if left out. */
  recordedAt?: Whole;
}

export interface Place {
  version: bigint;
  position: bigint;
}

export interface Appended {
  /** "repeated": they were there; "checked": the batch is empty. Then nothing was written. */
  effect: "written" | "repeated" | "checked";
  /** What the next append may expect. */
  version: bigint;
  /** Where the first event of the batch stands; none of an empty one. */
  first?: Place;
  last?: Place;
}

export interface ReadOptions {
  /** "forwards" if left out. */
  direction?: "forwards" | "backwards";
  /** Where to start, in the direction of reading; included. */
  from?: Whole;
  /** Where to stop; included. */
  to?: Whole;
  /** At most so many events. */
  limit?: Whole;
}

export interface Slice<E = RecordedEvent> {
  events: E[];
  /** The version of the whole stream, however little of it was read. */
  version: bigint;
  /** The number of the first event that was not removed. */
  first: bigint;
}

export interface All<E = RecordedEvent> {
  events: E[];
  lastPosition: bigint;
}

export interface AggregateOptions<State, E = RecordedEvent> {
  initialState: () => State;
  /** The state after one more event. */
  evolve: (state: State, event: E) => State;
  /** As of this version; an error beyond the end. */
  to?: Whole;
  /** As of this time; any time will do. */
  at?: Whole;
}

export interface Aggregated<State> {
  state: State;
  /** The version that it is the state of. */
  version: bigint;
  /** How many events evolved it. */
  evolved: bigint;
  /** Whether the stream is there. */
  exists: boolean;
}

export type StreamState =
  | { state: "missing"; version: bigint }
  | { state: "deleted"; version: bigint }
  | { state: "exists"; version: bigint; first: bigint };

export interface SubscribeOptions<E = RecordedEvent> {
  /** Of this stream alone; all events if left out. */
  stream?: string;
  /** From the event after this position on; from the first one if left out. */
  after?: Whole;
  /** Is told when the handler fails. Without it the browser reports the error as uncaught. */
  onError?: (error: unknown, event?: E) => void;
}

/** What is awaited before the next event comes. */
export type Handler<E = RecordedEvent> = (event: E) => void | PromiseLike<void>;

export class Subscription {
  private constructor();
  /** The position up to which everything was dealt with. Keep it, and go on after it later. */
  readonly position: bigint;
  /** "stopped" means that the handler failed: `resume` or `skip`. */
  readonly status: "catching-up" | "live" | "stopped" | "closed";
  /** How many events are yet to come, of those there are. */
  readonly lag: bigint;
  /** After a failure: begins again with the event that the handler failed at. */
  resume(): void;
  /** After a failure: gives up the event that the handler failed at. */
  skip(): void;
  close(): void;
  /** Lets go of the object; the subscription goes on. */
  free(): void;
}

/** Calls take effect at once and in their order. Promises are kept when all is durable. */
export class EventStore {
  private constructor();
  /** A store that is gone with the page. */
  static inMemory(): EventStore;
  /** The store of this name in IndexedDB. Only one page or worker at a time has it open. */
  static open(name: string): Promise<EventStore>;
  /** All events of the batch, one after the other, or none. */
  appendToStream(stream: string, events: NewEvent[], options?: AppendOptions): Promise<Appended>;
  /** A stream that is not there is an error, not the same as no events. */
  readStream<E = RecordedEvent>(stream: string, options?: ReadOptions): Promise<Slice<E>>;
  /** By positions, in the order in which they were appended. */
  readAll<E = RecordedEvent>(options?: ReadOptions): Promise<All<E>>;
  /** Folds a stream into a state. What `evolve` throws comes back as it is. */
  aggregateStream<State, E = RecordedEvent>(
    stream: string,
    options: AggregateOptions<State, E>,
  ): Promise<Aggregated<State>>;
  streamState(stream: string): Promise<StreamState>;
  /** Removes the events before this one; says how many. The version stays. */
  truncateStream(stream: string, firstKept: Whole): Promise<bigint>;
  /** Says how many events are gone. Numbers go on if the stream begins anew. */
  deleteStream(
    stream: string,
    options?: { expectedVersion?: ExpectedVersion },
  ): Promise<bigint>;
  /** Events one after the other: those that are there, then those that come. Throws an
   * `EventStoreError` for options that make no sense. */
  subscribe<E = RecordedEvent>(handler: Handler<E>, options?: SubscribeOptions<E>): Subscription;
  /** The position of the last event; 0 if there never was one. */
  readonly lastPosition: bigint;
  /** When everything is durable. Subscriptions end; what is called later is refused. */
  close(): Promise<void>;
  /** Lets go of the object without waiting. */
  free(): void;
}

/** What was expected, as errors say it. */
export type Expectation = bigint | "any" | "no-stream" | "exists";

/** What promises are rejected with: an `Error` whose `code` says which, and what belongs to it. */
export type EventStoreError = Error & { name: "EventStoreError" } & (
    | { code: "conflict"; stream: string; expected: Expectation; actual: StreamState }
    | { code: "partly-there"; stream: string; expected: Expectation; there: Id; notThere: Id }
    | { code: "twice-in-batch"; id: Id; first: number; second: number }
    | { code: "bad-name"; bytes: number; event?: number }
    | { code: "full" }
    | { code: "too-big"; bytes: number }
    | { code: "no-stream"; stream: string; actual: StreamState }
    | { code: "starts-at-zero" }
    | { code: "limit-is-zero" }
    | { code: "beyond-end"; asked: bigint; end: bigint }
    | { code: "gone"; asked: bigint; first: bigint }
    | { code: "bad-argument"; argument: string }
    | { code: "in-use"; store: string }
    | { code: "damaged"; at: bigint }
    | { code: "storage"; cause: unknown }
    | { code: "ahead-of-log"; position: bigint; log: bigint }
    | { code: "failed"; cause: unknown }
    | { code: "closed" }
  );
