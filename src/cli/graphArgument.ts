/** Which graphs can be read, as the help of every command that takes one says it. */
export const GRAPH_FILE =
  "lnd's describegraph, Core Lightning's listchannels or gossip_store, LDK's rapid gossip sync, SimLN's sim_network, " +
  "GEXF, GraphML, an edge list, or a directory with CLoTH's three CSV files; plain or gzip";
