"""What users of other systems complain of, one complaint a file. Each scenario is played twice: as the room is, and
with its protection taken away, where it must come to grief; else the scenario would prove nothing."""
