/**
 * How services were made. It is known of the very service that was made, and of no copy: who writes another one by hand, with
 * members of the first, has made a service of his own, which policies leave as it is.
 */
import type { Made, Service } from "../LM.ts"
import type { Limits } from "../Timeouts.ts"

const made = new WeakMap<Service, Made>()

/** The middleware that made this service, and of which; nothing for a service that was made by none. */
export const madeOf = (service: Service): Made | undefined => made.get(service)

/** Takes note of how a service was made. */
export const making = (service: Service, how: Made): Service => {
  made.set(service, how)
  return service
}

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
