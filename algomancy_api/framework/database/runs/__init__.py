"""The runs of scenarios in a database: those that wait, and the results of those that have ended.

From the ground up:

- `parameters`: values of parameters, as they were stored
- `readable`: the proof that a result can be read again
- `results`: results, written and read again
- `reports`: what runs have reported
- `stored`: what is stored of a scenario, in the forms of one that can be built
- `history`: the history of the runs of each scenario
- `queue`: the queue of each session, kept over a restart
- `outcomes`: outcomes, each written in one transaction
- `failures`: the reasons and tracebacks of failed runs
- `logs/`: what the algorithms have printed and logged
- `staleness`: why a scenario cannot be built again
- `resuming`: what a start does with the queue
"""
