/**
 * Where a server sends a request on to. It goes on as it is, with its body, to the same origin only: another one would get the
 * key, and what was asked.
 */
import * as LMError from "../../lm/LMError.ts"
import { Refused } from "./failure.ts"
import { header, type Outgoing, type Reply } from "./reply.ts"

/** Whether a response says that the request belongs elsewhere. A browser hides the status of one that does. */
export const isRedirect = ({ status }: Reply): boolean =>
  status === 0 || (status >= 300 && status < 400 && status !== 304)

/** The request to the address that the response names; throws `Refused` for one that is not sent there. */
export const next = (reply: Reply, outgoing: Outgoing, followed: number): Outgoing => {
  const { status } = reply
  const location = header(reply, "location")
  reply.cancel()
  const refuse = (description: string): never => {
    throw new Refused(new LMError.InvalidRequest({ description }), reply.headers)
  }
  if (status === 0) {
    return refuse(
      "the server redirects the request, and a browser does not tell where to: write the final address as baseUrl"
    )
  }
  const from = new URL(outgoing.url)
  const to = location !== null && URL.canParse(location, from) ? new URL(location, from) : undefined
  if (to === undefined) {
    return refuse(`the server redirects the request (${status}) without saying where to: check the base URL`)
  }
  if (!followable.has(status)) {
    return refuse(
      `the server answers with a redirect (${status}) to ${
        place(to)
      }, which is not for the request itself: check the base URL`
    )
  }
  if (to.origin !== from.origin) {
    return refuse(
      `the server redirects the request (${status}) to another origin, ${to.origin}, which is not given the key and the ` +
        `messages: if that is where they belong, write it in the base URL (it leads to ${place(to)})`
    )
  }
  if (followed >= most) {
    return refuse(`the server redirects the request without end (${most} times, at last to ${place(to)})`)
  }
  to.hash = ""
  return { ...outgoing, url: to.href }
}

/** `fetch` follows twenty. No provider needs that many. */
const most = 5

/** These keep the request what it is: a POST. A browser would make a GET of two of them, which no provider means. */
const followable: ReadonlySet<number> = new Set([301, 302, 307, 308])

/** An address without what it may hold of secrets. */
const place = ({ origin, pathname }: URL): string => `${origin}${pathname}`
