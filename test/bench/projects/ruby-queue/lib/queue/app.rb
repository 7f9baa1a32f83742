require "json"
require "sinatra/base"
require_relative "store"

class QueueApp < Sinatra::Base
  set :store, JobStore.new

  post("/jobs") { settings.store.add(request.body.read).to_s }

  post "/jobs/take" do
    job = settings.store.take or halt 204
    content_type :json
    { id: job.id, body: job.body }.to_json
  end

  delete("/jobs/:id") { settings.store.finish(params[:id].to_i) ? 204 : 404 }
end
