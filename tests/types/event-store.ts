// What authors may write of the event store, and what they may not: checked by
// `cargo xtask test types`, never run.
import init, {
  EventStore,
  type EventStoreError,
  type RecordedEvent,
  type Subscription,
} from "../../src/bin/rift-event-store/event-store.js";

type Added = RecordedEvent<"ItemAdded", { item: string }>;

const isRefusal = (error: unknown): error is EventStoreError =>
  error instanceof Error && error.name === "EventStoreError";

export const shop = async (): Promise<readonly string[]> => {
  await init();
  const store = await EventStore.open("shop");
  const event = { id: crypto.randomUUID(), type: "ItemAdded", data: { item: "tea" } };
  const { effect, version, first } = await store.appendToStream("cart-7", [event], {
    expectedVersion: "no-stream",
    recordedAt: 7n,
  });
  console.log(effect === "written", version + 1n, first?.position);
  const { state } = await store.aggregateStream<string[], Added>("cart-7", {
    initialState: () => [],
    evolve: (items, { data }) => [...items, data.item],
  });
  const subscription: Subscription = store.subscribe<Added>(async ({ data }) => void data.item, {
    stream: "cart-7",
    after: "3",
    onError: (error, at) => console.error(error, at?.version),
  });
  if (subscription.status === "stopped") subscription.skip();
  const stream = await store.streamState("cart-7");
  if (stream.state === "exists") console.log(stream.first);
  try {
    await store.truncateStream("cart-7", version);
  } catch (error) {
    // What belongs to a code is there, and nothing else.
    if (isRefusal(error) && error.code === "conflict") console.log(error.actual.version);
    if (isRefusal(error) && error.code === "gone") console.log(error.asked < error.first);
  }
  return state;
};

export const mistakes = async (store: EventStore): Promise<void> => {
  // @ts-expect-error A number could not hold all versions.
  await store.appendToStream("cart-7", [], { expectedVersion: 3 });
  // @ts-expect-error An event has an id, or its retry would be another one.
  await store.appendToStream("cart-7", [{ type: "ItemAdded" }]);
  // @ts-expect-error It is misspelt.
  await store.readStream("cart-7", { direction: "backward" });
  // @ts-expect-error Nobody makes one by hand.
  new EventStore();
};
