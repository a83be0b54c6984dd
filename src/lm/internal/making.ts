/**
 * How services were made. The note belongs to one service object, and not to copies of it. A service that a program builds by
 * hand, from members of another one, is a service of its own: policies leave it as it is.
 */
import type { Made, Service } from "../LM.ts"

const made = new WeakMap<Service, Made>()

/**
 * The middleware that made this service, and the services it was made of. Undefined for a service that no middleware has
 * made.
 */
export const madeOf = (service: Service): Made | undefined => made.get(service)

/** Takes note of how a service was made. */
export const making = (service: Service, how: Made): Service => {
  made.set(service, how)
  return service
}
