/**
 * Services that keep time limits themselves. As with how a service was made, it is known of the very service, and of no copy.
 */
import type { Service } from "../../lm/LM.ts"
import type { Limits } from "../Timeouts.ts"

const timed = new WeakMap<Service, (limits: Limits) => Service>()

/** The same service with these time limits, of one that keeps them itself. */
export const withTimeoutsOf = (service: Service): ((limits: Limits) => Service) | undefined => timed.get(service)

/**
 * Takes note that a service keeps time limits itself: it alone sees the signs of life that a server sends. Others are watched from
 * outside.
 */
export const keepingTime = (service: Service, withTimeouts: (limits: Limits) => Service): Service => {
  timed.set(service, withTimeouts)
  return service
}
