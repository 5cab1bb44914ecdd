-- One path with the endings in a file, one a line: each is a nonce and the signature made with it.
-- Only with "again" does it begin anew after the last one: who verifies takes no nonce twice.

local endings, n = {}, 0
local before, after, again

function init(args)
   before, after = wrk.format("GET", args[1] .. "ENDING"):match("^(.*)ENDING(.*)$")
   for ending in io.lines(args[2]) do endings[#endings + 1] = ending end
   again = args[3] == "again"
end

function request()
   if n == #endings then
      if not again then error("more was asked than was signed") end
      n = 0
   end
   n = n + 1
   return before .. endings[n] .. after
end
