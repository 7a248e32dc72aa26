"""The one image of all Python services, and the question that compose asks each of its containers."""
