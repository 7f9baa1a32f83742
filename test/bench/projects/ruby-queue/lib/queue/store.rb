# Jobs in the order in which they came; one that is taken comes back unless it is finished in time.
class JobStore
  Job = Struct.new(:id, :body, :due)

  def initialize(patience: 60, clock: -> { Time.now.to_f })
    @patience = patience
    @clock = clock
    @waiting = []
    @taken = {}
    @last = 0
    @lock = Mutex.new
  end

  def add(body)
    @lock.synchronize do
      @waiting << Job.new(@last += 1, body, nil)
      @last
    end
  end

  def take
    @lock.synchronize do
      return_late
      job = @waiting.shift or return
      job.due = @clock.call + @patience
      @taken[job.id] = job
    end
  end

  def finish(id)
    @lock.synchronize { !@taken.delete(id).nil? }
  end

  private

  def return_late
    late = @taken.values.select { |job| job.due < @clock.call }
    late.each { |job| @taken.delete(job.id) }
    @waiting.unshift(*late)
  end
end
