/**
 * Modules around modules: another definition made of one, and again wherever its predictors are replaced.
 */
import type { Any, Definition } from "../Module.ts"
import { bind, TypeId } from "./invoke.ts"

/** Makes a module of the definition that `f` gives for another one. Its predictors are those of the module inside. */
export const around = <M extends Any>(
  definition: Definition,
  f: (inner: Definition) => Omit<Definition, "mapPredictors">
): M => {
  const made = f(definition)
  return bind({
    ...made,
    mapPredictors: (g, path) => around(definition.mapPredictors(g, path)[TypeId], f)
  }, made.name)
}
