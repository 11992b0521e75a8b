// What authors may write of figures, and what they may not: checked by `cargo xtask test types`,
// never run.
import { type RiftLab, type State, type Task } from "../../static/embed/rift.js";

const figure: RiftLab = document.createElement("rift-lab");
const found: RiftLab | null = document.querySelector("rift-lab");
found?.setAttribute("scenario", "split-vote");

export const experiment = async (): Promise<string> => {
  await figure.ready;
  await figure.load("rift 1\nlab raft\nservers 3\nuntil leader");
  await figure.seek(300_000);
  await figure.step();
  await figure.step("change", true);
  await figure.command("crash S1");
  await figure.play();
  await figure.pause();
  const state: State | null = figure.state();
  const link: string | null = figure.link();
  const seed: bigint = BigInt(state?.seed ?? "0");
  const cells: string[] | undefined = state?.table.rows[0];
  return [link, seed, state?.nowUs.toFixed(), cells?.join()].join();
};

// Events have their details, at the figure and wherever they bubble to.
figure.addEventListener("rift:task", ({ detail }) => {
  const task: Task = detail;
  console.log(task.title, task.doneUs / 1_000);
});
figure.addEventListener("rift:event", ({ detail }) => detail.section?.startsWith("§5"));
figure.addEventListener("rift:violation", ({ detail }) => detail.finding.length);
figure.addEventListener("rift:ready", ({ detail }) => detail.lab === "raft");
figure.addEventListener("rift:error", ({ detail }) => `${detail.reason}: ${detail.message}`);
document.body.addEventListener("rift:error", ({ detail }) => detail.message.trim());

// @ts-expect-error An instant is a number.
void figure.seek("soon");
// @ts-expect-error Nothing is as long as that.
void figure.step("leap");
// @ts-expect-error A run is text.
void figure.load({ seed: 7 });
// @ts-expect-error It may not be there yet.
void figure.state().nowUs;
// @ts-expect-error There is nothing to be set.
figure.ready = Promise.resolve();
// @ts-expect-error Tasks have no seed.
figure.addEventListener("rift:task", ({ detail }) => detail.seed);
