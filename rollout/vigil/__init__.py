"""Watches over services between deployments: one look, what is wrong, whom to tell, all over again."""
