/**
 * What is in the place of `files.ts` where there is no Node.
 */
import type * as OnNode from "./files.ts"
import { onNode } from "./onNode.ts"

export const texts: typeof OnNode.texts = onNode("CacheStore.files")
