/**
 * The code that runs in an interpreter before anybody's: `console`, and the functions and variables of the session.
 */

/**
 * A function of the host's own three (`print`, `call`, `settled`), which the code itself never sees. It gives those that the host
 * calls.
 */
export const prelude = String.raw`(function (print, call, settled) {
  "use strict"
  const { parse, stringify } = JSON
  const waiting = new Map()

  const define = (name, value) => Object.defineProperty(globalThis, name, { value })

  const show = (value, seen, isTop) => {
    if (typeof value === "string") return isTop ? value : stringify(value)
    if (typeof value === "bigint") return value + "n"
    if (typeof value === "function") return "[function " + (value.name || "without a name") + "]"
    if (value === null || typeof value !== "object") return String(value)
    if (value instanceof Error) return String(value)
    if (value instanceof Promise) return "[a promise: await it]"
    if (value instanceof Date) return isNaN(value) ? "[an invalid date]" : value.toISOString()
    if (value instanceof RegExp) return String(value)
    if (seen.includes(value)) return "[itself]"
    if (seen.length === 20) return "..."
    const below = [...seen, value]
    if (Array.isArray(value)) return "[" + Array.from(value, (one) => show(one, below)).join(", ") + "]"
    if (value instanceof Set) return "Set [" + Array.from(value, (one) => show(one, below)).join(", ") + "]"
    if (value instanceof Map) {
      return "Map {" + Array.from(value, ([key, one]) => show(key, below) + " => " + show(one, below)).join(", ") + "}"
    }
    if (ArrayBuffer.isView(value) && "length" in value) return "[" + Array.from(value).join(", ") + "]"
    return "{" + Object.keys(value).map((key) => stringify(key) + ": " + show(value[key], below)).join(", ") + "}"
  }

  const log = (...values) => print(values.map((value) => show(value, [], true)).join(" "))
  define("console", { log, info: log, debug: log, warn: log, error: log })
  define("print", log)

  const describe = (error) => {
    try {
      if (!(error instanceof Error)) return ["Error", show(error, [], true), ""]
      return [String(error.name), String(error.message), String(error.stack)]
    } catch {
      return ["Error", "something that cannot be shown was thrown", ""]
    }
  }

  const encode = (value) => {
    try {
      return stringify(value)
    } catch {
      return undefined
    }
  }

  return {
    give: (name) => define(name, {
      [name]: (...args) => new Promise((resolve, reject) => {
        const id = call(name, stringify(args))
        if (id < 0) throw new RangeError("there are too many calls at once: await some of them first")
        waiting.set(id, { resolve, reject, stack: new Error().stack })
      })
    }[name]),
    set: (name, json) => { globalThis[name] = parse(json) },
    answer: (id, isSuccess, json, message) => {
      const { resolve, reject, stack } = waiting.get(id)
      waiting.delete(id)
      if (isSuccess) return resolve(json === undefined ? undefined : parse(json))
      const error = new Error(message)
      error.name = json
      // Where the call was made.
      error.stack = stack
      reject(error)
    },
    forget: () => waiting.clear(),
    watch: (promise) => {
      promise
        .then(({ value }) => value)
        .then((value) => settled(true, encode(value), value === undefined ? undefined : show(value, [], true)))
        .catch((error) => settled(false, ...describe(error)))
    },
    describe
  }
})`
