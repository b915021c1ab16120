"""Pure planners: each turns a situation into steps. They see rollout.model and nothing else."""
