/** The scenario that `leyden init` writes: small, whole, with a word on each key that a beginner changes first. */

export const starterScenario = `# yaml-language-server: $schema=./scenario.schema.json
# An editor that knows YAML schemas completes and checks this file once this was run here:
#   leyden schema > scenario.schema.json
# Run it with
#   leyden run FILE
name: my first network
seed: 1 # the same seed gives the same run, bit for bit

topology:
  generate: mainnet-like # or barabasi-albert, watts-strogatz, star, line …; or file: describegraph.json.gz
  nodes: 50

channels:
  liquidity: uniform # how opening balances are split; or balanced, opener …
  reserveMillionths: 10000 # each end keeps one per cent of the capacity

chain:
  blockInterval: 10m # the mean; intervals are exponential
  feerateSatPerVbyte: 5

latency: { median: 50ms, sigma: 0.5 } # of one message over one link, lognormal

traffic:
  payments: 500
  rate: 1 # a second, a Poisson process
  amount: { medianSat: 10000, sigma: 1 } # lognormal
  maxAttempts: 5 # routes that a payer tries before it gives up

routing:
  strategy: cheapest-fee # or lnd, ldk, eclair, cln-pay, cln-xpay, pickhardt …

closures: # channels closed on purpose; all others are closed by agreement at the end
  - channel: '#1' # the second channel of the graph, or a short channel id
    at: 2m # after traffic starts
    kind: unilateral # or mutual, revoked, revoked-unpunished
    pending: # HTLCs to be in flight when it closes
      - { from: peer, amountSat: 5000, outcome: timeout }

faults:
  - { kind: offline, node: '#5', at: 3m, for: 5m }

settle: all # or pending, none
`;
