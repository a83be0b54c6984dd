/**
 * How services were made. It is known of the very service that was made, and of no copy: who writes another one by hand, with
 * members of the first, has made a service of his own, which policies leave as it is.
 */
import type { Made, Service } from "../LM.ts"

const made = new WeakMap<Service, Made>()

/** The middleware that made this service, and of which; nothing for a service that was made by none. */
export const madeOf = (service: Service): Made | undefined => made.get(service)

/** Takes note of how a service was made. */
export const making = (service: Service, how: Made): Service => {
  made.set(service, how)
  return service
}
