/**
 * Services that keep time limits themselves. The note belongs to one service object, and not to copies of it.
 */
import type { Service } from "../../lm/LM.ts"
import type { Limits } from "../Timeouts.ts"

const timed = new WeakMap<Service, (limits: Limits) => Service>()

/** Makes the same service with other time limits, where a service keeps them itself. */
export const withTimeoutsOf = (service: Service): ((limits: Limits) => Service) | undefined => timed.get(service)

/**
 * Takes note that a service keeps time limits itself: it alone sees the signs of life that a server sends. Others are watched from
 * outside.
 */
export const keepingTime = (service: Service, withTimeouts: (limits: Limits) => Service): Service => {
  timed.set(service, withTimeouts)
  return service
}
