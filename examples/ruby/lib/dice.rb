require "webrick"

# Dice with as many sides as the path says: /6
module Dice
  def self.throw(sides)
    rand(1..sides)
  end

  def self.serve(port)
    server = WEBrick::HTTPServer.new(Port: port)
    server.mount_proc("/") do |request, response|
      response.body = "#{throw([request.path[1..].to_i, 1].max)}\n"
    end
    trap("TERM") { server.shutdown }
    server.start
  end
end
