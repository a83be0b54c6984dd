/**
 * What is in the place of `sender.ts` where there is no Node: `fetch` sends, and what it gives is as it was before it was
 * compressed.
 */
import type * as OnNode from "./sender.ts"

export const sender: typeof OnNode.sender = () => undefined

export const inflated: typeof OnNode.inflated = () => undefined
