"""What the whole costs and holds, measured on real processes; ``make bench`` runs it and writes docs/performance.md."""
