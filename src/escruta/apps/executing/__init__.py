"""Where heavy work is done: processes or threads of this machine, or a Dask cluster; one seam for all of it.

with open_executor("processes", workers=2) as executor:
    executor.submit(pow, 2, 10).result()                 # any concurrent.futures.Executor will do

for done in spread("dask://10.0.0.5:8786", read_one, paths):   # bounded in flight, survives dead workers
    match done:
        case Done(item=path, result=result): ...
        case Lost(item=path, reason=reason): ...
"""

from escruta.apps.executing.errors import ClusterLost, ExecutorUnknown
from escruta.apps.executing.opening import open_executor
from escruta.apps.executing.places import Workplace, workplace_named
from escruta.apps.executing.spreading import Done, Lost, spread

__all__ = ["ClusterLost", "Done", "ExecutorUnknown", "Lost", "Workplace", "open_executor", "spread", "workplace_named"]
