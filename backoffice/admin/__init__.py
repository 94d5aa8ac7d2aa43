"""The desk's pages, gathered here because they join what the layers below keep apart."""
