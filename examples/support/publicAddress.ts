/** Which addresses are on the public internet. */
import { BlockList, isIP } from "node:net"

/**
 * Whether an address may be connected to for somebody else. Of IPv6 only what is given out worldwide is (`2000::/3`): that
 * leaves out IPv4 addresses that are written as IPv6 ones, or reached through NAT64.
 */
export const isPublic = (address: string): boolean => {
  switch (isIP(address)) {
    case 4:
      return !reserved.check(address, "ipv4")
    case 6:
      return worldwide.check(address, "ipv6") && !reserved.check(address, "ipv6")
    default:
      return false
  }
}

const worldwide = new BlockList()
worldwide.addSubnet("2000::", 3, "ipv6")

/** What IANA's registries of special addresses keep for something else than reaching a host on the internet. */
const reserved = new BlockList()
for (
  const [network, prefix] of [
    ["0.0.0.0", 8], // this network
    ["10.0.0.0", 8], // private
    ["100.64.0.0", 10], // shared by customers of a provider
    ["127.0.0.0", 8], // this host
    ["169.254.0.0", 16], // this link: the metadata of cloud machines
    ["172.16.0.0", 12], // private
    ["192.0.0.0", 24], // protocols
    ["192.0.2.0", 24], // documentation
    ["192.88.99.0", 24], // relays of 6to4
    ["192.168.0.0", 16], // private
    ["198.18.0.0", 15], // benchmarks
    ["198.51.100.0", 24], // documentation
    ["203.0.113.0", 24], // documentation
    ["224.0.0.0", 3] // multicast, reserved, broadcast
  ] as const
) reserved.addSubnet(network, prefix, "ipv4")
for (
  const [network, prefix] of [
    ["2001::", 23], // protocols: Teredo, benchmarks, ORCHID
    ["2001:db8::", 32], // documentation
    ["2002::", 16], // 6to4: IPv4 addresses in IPv6
    ["3fff::", 20] // documentation
  ] as const
) reserved.addSubnet(network, prefix, "ipv6")
