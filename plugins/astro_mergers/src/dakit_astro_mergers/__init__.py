"""Galaxy mergers across domains: the DeepMerge network, data sets and protocols for dakit."""
