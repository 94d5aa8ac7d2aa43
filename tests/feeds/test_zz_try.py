import time, pytest
from tests.feeds import test_interleavings as ti
from tests.feeds.test_interleavings import stops
@pytest.mark.parametrize("story", ["by_bet_id","first_ticket","first_and_second_ticket","two_first_tickets"])
def test_it(own_database, stops, story):
    ti.speak()
    for most in (1,2,3):
      if story.startswith("two_first") and most==3: continue
      t=time.process_time(); w=time.time(); n=0; c=time.thread_time()
      player = ti.FundedPlayer.create("100000.00")
      for choose in ti.Orders(most):
        ti.race(getattr(ti,story)(player, f"{next(ti.numbers)}"), choose); n+=1
        if n>=400: break
        ti.inbox.drain()
      print(story, most, n, "cpu", round((time.process_time()-t)/n*1000), "wall ms", round((time.time()-w)/n*1000))
