"""One study a module: `run(seed, people, progress) -> Study`, and `PEOPLE`, how many a benchmark takes."""
