require "minitest/autorun"
require "queue/store"

class StoreTest < Minitest::Test
  def setup
    @now = 0.0
    @store = JobStore.new(patience: 10, clock: -> { @now })
  end

  def test_first_in_first_out
    @store.add("a")
    @store.add("b")
    assert_equal %w[a b], [@store.take.body, @store.take.body]
    assert_nil @store.take
  end

  def test_late_jobs_come_back
    id = @store.add("a")
    @store.take
    @now = 11.0
    assert_equal id, @store.take.id
  end
end
