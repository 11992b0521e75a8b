/** What `rift.js` has: see rift-lab.d.ts. */
export * from "./rift-lab.js";
