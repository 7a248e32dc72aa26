"""The question that compose asks each container of ours."""
